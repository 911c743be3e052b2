"""What is printed and written: reports, run files, problems."""
