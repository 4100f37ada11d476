"""The archive: figures as Parquet files with a manifest of hashes, and the pivot's answers over them."""
