"""Lists, forms, parts, sheets and the API; knows no feature."""
