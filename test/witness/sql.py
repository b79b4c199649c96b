"""Runs SQL by DuckDB in a folder: {views, queries} on standard input, the rows of each query on standard output."""
import json
import os
import sys

import duckdb

asked = json.load(sys.stdin)
os.chdir(sys.argv[1])
database = duckdb.connect()
database.execute(asked["views"])
print(json.dumps([database.execute(query).fetchall() for query in asked["queries"]], default=str))
