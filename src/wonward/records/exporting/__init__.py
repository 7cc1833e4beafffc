"""Export of records of one type to CSV and Excel files that can be imported again."""
