"""What was found in documents, in the formats that continuous integration reads."""
