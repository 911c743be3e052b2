"""What every other room stands on: money, problems, periods, tables, texts, and files."""
