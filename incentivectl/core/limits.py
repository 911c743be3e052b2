"""How large what is read may be: generous, and small enough that no file takes all memory or time.

Whatever is larger is refused with its file, the limit and what to do (docs/reference.md, "Limits").
"""

from datetime import date

KB, MB, GB = 10**3, 10**6, 10**9

# A config or a program is written by people; a data file named by mistake is larger.
TOML_BYTES = 5 * MB
# The deepest key of ours has five parts.
KEY_PARTS = 32
# A program of ours has some hundred keys and values; tables by payee hold thousands.
TOML_KEYS = 200_000
# Programs have measurement periods before and after their dates; calendars end in 9999.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
CENTURY = 100  # years: the longest term, in days or months
# Every program is settled by itself, and some twenty are usual.
PROGRAMS = 2_000
# A pattern such as `/**` would walk over the whole disk; a year of daily files of a hundred partners fits.
FILES_OF_A_PATTERN = 100_000
ENTRIES_OF_A_PATTERN = 1_000_000
# Accountants' exports have some hundred columns, and long comments in a few cells.
COLUMNS = 100_000
LINE_BYTES = 16 * MB
# Eighteen digits, and zeros and signs around them.
NUMBER_BYTES = 200
# Empty lines are no rows, but each is counted; files that are padded with them hold a few.
BLANK_LINES = 10_000_000
# Text packs to a tenth, equal lines to a hundredth. What unpacks to a thousand times its size is made to
# fill a disk; small files may, since they fill none. And no disk should be filled anyhow.
UNPACKED_TIMES = 1_000
UNPACKED_ANYHOW_BYTES = 256 * MB
UNPACKED_BYTES = 64 * GB
# A sheet is held in memory as far as its last cell, 24 bytes each: all the rows that Excel has, of sixty
# columns, which unpack to some 3 GB. Its texts are held as well, and those that stand apart twice.
SHEET_ROWS = 1 << 20
SHEET_CELLS = 64 * SHEET_ROWS
WORKBOOK_BYTES = 4 * GB
SHARED_TEXT_BYTES = 1 * GB
WORKBOOK_INDEX_BYTES = 16 * MB
# Lists name customers or products: a million of them fit.
LIST_BYTES = 64 * MB
# What the tool wrote itself and reads whole (manifests, earnings), and files that others send to be
# compared: some million rows.
WHOLE_BYTES = 1 * GB
