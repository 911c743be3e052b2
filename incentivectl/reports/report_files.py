"""`report.html` and `report.xlsx`, written into the folder of a run."""

from collections.abc import Callable
from pathlib import Path

from incentivectl.core.output_files import output_file, write_file
from incentivectl.output.report import Report, Section
from incentivectl.reports.booked import booked_section, left_of_folder
from incentivectl.reports.report_answers import Answers
from incentivectl.reports.report_page import report_html
from incentivectl.reports.run_folder import RunFolder
from incentivectl.reports.run_place import REPORT_FILES
from incentivectl.reports.workbook import write_workbook

PAGE, WORKBOOK = REPORT_FILES


def write_report(
    run: RunFolder, answers: Answers, progress: Callable[[str], None]
) -> tuple[Path, Path]:
    """Writes both files and returns their paths: page, workbook."""
    page, workbook = run.folder / PAGE, run.folder / WORKBOOK
    progress("drawing charts")
    write_file(page, report_html(run, answers))
    progress("writing the workbook")
    with output_file(workbook) as file:
        write_workbook(run, file)
    return page, workbook


def files_report(run: RunFolder, written: tuple[Path, Path]) -> Report:
    """What `report` prints."""
    manifest = run.manifest
    here = Path.cwd()
    names = [path.relative_to(here) if path.is_relative_to(here) else path for path in written]
    return Report(
        title=f"{manifest['workspace']}: report of {manifest['period']}",
        sections=(
            Section(
                "files",
                "Files",
                ("file", "kilobytes"),
                [
                    (str(name), path.stat().st_size // 1024)
                    for name, path in zip(names, written, strict=True)
                ],
            ),
            *(
                [booked_section(run.booked, manifest["period"], left_of_folder(run))]
                if run.booked.totals
                else []
            ),
            Section(
                "changed",
                "Changed since the run",
                ("file",),
                [(name,) for name in run.changed],
            ),
        ),
        main="files",
        facts={
            "workspace": manifest["workspace"],
            "period": manifest["period"],
            "as_of": manifest["last_day"],
        },
    )
