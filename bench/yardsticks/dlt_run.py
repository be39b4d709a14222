"""Python dlt loads a file of JSON lines into DuckDB.

dlt_run.py <folder> <name> <file> default|tuned <rows>

Prints as JSON the seconds of extract, normalize and load, without the start of Python and the import of dlt; writes what
the process and its children used into $BENCH_USAGE_FOLDER. Tuned: Parquet load files, two processes that normalize, input
cut into files for them, one thread that loads (DuckDB takes in one file after the other; more only wait).
"""

import json
import os
import resource
import sys
import time

folder, name, path, mode, rows = sys.argv[1:]
os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
if mode == "tuned":
    os.environ["NORMALIZE__WORKERS"] = "2"
    os.environ["LOAD__WORKERS"] = os.environ.get("BENCH_DLT_LOAD_WORKERS", "1")
    os.environ["EXTRACT__DATA_WRITER__FILE_MAX_ITEMS"] = str(max(1000, int(rows) // 4))
    os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"

import dlt  # noqa: E402
from dlt.common.json import json as dlt_json  # noqa: E402


def pages(rows_per_page=5000):
    page = []
    with open(path, "rb") as lines:
        for line in lines:
            page.append(dlt_json.loadb(line))
            if len(page) == rows_per_page:
                yield page
                page = []
    if page:
        yield page


def report_usage():
    for who, what in ((resource.RUSAGE_SELF, "dlt"), (resource.RUSAGE_CHILDREN, "children")):
        usage = resource.getrusage(who)
        account = {"name": what, "cpuSeconds": usage.ru_utime + usage.ru_stime, "peakMb": usage.ru_maxrss / 1024}
        with open(os.path.join(os.environ["BENCH_USAGE_FOLDER"], what + ".json"), "w") as file:
            json.dump(account, file)


if __name__ == "__main__":
    pipeline = dlt.pipeline(
        name,
        pipelines_dir=os.path.join(folder, "pipelines"),
        destination=dlt.destinations.duckdb(os.path.join(folder, name + ".duckdb")),
        dataset_name=name + "_dataset",
    )
    file_format = "parquet" if mode == "tuned" else None
    resource_of_file = dlt.resource(pages, name=name, file_format=file_format)
    stages = {}
    for stage, work in (
        ("extract", lambda: pipeline.extract(resource_of_file)),
        ("normalize", pipeline.normalize),
        ("load", pipeline.load),
    ):
        start = time.perf_counter()
        work()
        stages[stage] = time.perf_counter() - start
    print(json.dumps({"version": dlt.__version__, "stages": stages}))
    report_usage()
