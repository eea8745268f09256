"""Landing: exports in, one immutable Parquet file per accepted batch out, every record accounted for."""
