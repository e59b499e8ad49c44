"""One run of a dlt pipeline that merges a CSV file into Postgres: merge-by-dlt.py import|arrow URL CSV WORKING_DIRECTORY."""

import sys

import dlt
from dlt.destinations import postgres

how, url, path, working_directory = sys.argv[1:]

NAMES = (
    "conversation_id message_id created_at portfolio_id message_text first_name last_name sender_ext_ref phone_number"
    " email_address message_direction number_dialed_by_user call_duration_in_sec recording_url"
).split()
TYPES = {"created_at": "timestamp", "call_duration_in_sec": "bigint"}
# One dictionary a column: dlt writes the name into it.
COLUMNS = {name: {"data_type": TYPES.get(name, "text")} for name in NAMES}


def imported():
    # The file goes to Postgres as it is: neither read nor checked by dlt.
    yield dlt.mark.with_file_import(path, "csv")


def read_by_arrow():
    import pyarrow
    from pyarrow import csv

    of = {"text": pyarrow.string(), "timestamp": pyarrow.timestamp("us", tz="UTC"), "bigint": pyarrow.int64()}
    types = {name: of[column["data_type"]] for name, column in COLUMNS.items()}
    for batch in csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=16 << 20),
        convert_options=csv.ConvertOptions(column_types=types),
    ):
        yield pyarrow.Table.from_batches([batch])


source, file_format = {"import": (imported, "csv"), "arrow": (read_by_arrow, "parquet")}[how]

resource = dlt.resource(
    source(),
    name="call_recordings",
    write_disposition={"disposition": "merge", "strategy": "upsert"},
    primary_key="message_id",
    columns=COLUMNS,
)
pipeline = dlt.pipeline(
    "bench", destination=postgres(url), dataset_name="bench", pipelines_dir=working_directory
)
pipeline.run(resource, loader_file_format=file_format)
