"""Reports for people and programs, all written from `report.as_json`."""
