"""How large what is read may be: generous, and small enough that no file takes all memory or time.

Whatever is larger is refused with its file, the limit and what to do (docs/reference.md, "Limits").
"""

KB, MB, GB = 10**3, 10**6, 10**9

# A config or a program is written by people; a data file named by mistake is larger.
TOML_BYTES = 5 * MB
# A pattern such as `/**` would walk over the whole disk; a year of daily files of a hundred partners fits.
FILES_OF_A_PATTERN = 100_000
ENTRIES_OF_A_PATTERN = 1_000_000
# Lists name customers or products: a million of them fit.
LIST_BYTES = 64 * MB
# What the tool wrote itself and reads whole (manifests, earnings), and files that others send to be
# compared: some million rows.
WHOLE_BYTES = 1 * GB
