"""Workbooks (`.xlsx`, `.xls`, `.xlsb`, `.ods`) as rows of typed cells."""
