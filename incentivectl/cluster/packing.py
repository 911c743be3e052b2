"""A folder as one file and back, for places where only single files are there as a whole or not at all."""

import tarfile
from pathlib import Path

import zstandard

from incentivectl.core.input_files import opened

_LEVEL = 1  # it goes over a network once or a few times: quick rather than small


def packed(folder: Path) -> Path:
    """Everything in a folder as a file beside it."""
    path = folder.with_name(f"{folder.name}.packed")
    compressor = zstandard.ZstdCompressor(_LEVEL, write_checksum=True)
    with (
        path.open("wb") as file,
        compressor.stream_writer(file) as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as archive,
    ):
        archive.add(folder, arcname=".")
    return path


def unpacked(path: Path, folder: Path) -> Path:
    """What `packed` gave, as the new folder `folder`; the file goes."""
    with (
        opened(path) as file,
        zstandard.ZstdDecompressor().stream_reader(file) as plain,
        tarfile.open(fileobj=plain, mode="r|") as archive,
    ):
        # Python before 3.11.4 has no filters: it takes what this program has packed as it is.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        archive.extractall(folder)
    path.unlink()
    return folder
