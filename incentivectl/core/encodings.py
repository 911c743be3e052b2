"""Which names are encodings that a text file may have."""

import codecs

# Python has these for other purposes: host names, its own source, codecs that always fail.
_NO_FILES = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
_PROBE = 'a1,";\n'


def is_text_encoding(name: str) -> bool:
    """Whether files may be written in it, such as `utf-8`, `cp1252` or `utf-16`."""
    try:
        if codecs.lookup(name).name.replace("_", "-") in _NO_FILES:
            return False
        return _PROBE.encode(name).decode(name) == _PROBE
    except (LookupError, ValueError, TypeError):
        return False
