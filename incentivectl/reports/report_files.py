"""`report.html` and `report.xlsx`, written into the folder of a run."""

from collections.abc import Callable
from pathlib import Path

from incentivectl.reports.report import Report, Section
from incentivectl.reports.report_page import report_html
from incentivectl.reports.run_folder import RunFolder
from incentivectl.reports.workbook import write_workbook

PAGE, WORKBOOK = "report.html", "report.xlsx"


def write_report(run: RunFolder, progress: Callable[[str], None]) -> tuple[Path, Path]:
    """Writes both files, each beside its place first, and returns their paths: page, workbook."""
    page, workbook = run.folder / PAGE, run.folder / WORKBOOK
    progress("drawing charts")
    new = page.with_name(f".{PAGE}.new")
    new.write_text(report_html(run), encoding="utf-8")
    new.replace(page)
    progress("writing the workbook")
    new = workbook.with_name(f".{WORKBOOK}.new")
    write_workbook(run, new)
    new.replace(workbook)
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
