"""Python dlt's normalize on the data that Gantry is measured with.

dlt_normalize.py extract <pipelines dir> <name> <file> <format>   extracts the lines of the file, to be normalized into
    load files of that format; not timed
dlt_normalize.py normalize <pipelines dir> <name>   normalizes, and prints what that cost as JSON: seconds and CPU
    seconds of the stage alone, without starting Python and importing dlt, and the peak memory
dlt_normalize.py formats   prints the load file formats that this install can write
"""

import json
import os
import resource
import sys
import time

os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["NORMALIZE__WORKERS"] = "1"
# Gantry does not compress either.
os.environ["DATA_WRITER__DISABLE_COMPRESSION"] = "true"

import dlt  # noqa: E402
from dlt.common.json import json as dlt_json  # noqa: E402


def open_pipeline(pipelines_dir, name):
    return dlt.pipeline(name, pipelines_dir=pipelines_dir, destination="duckdb", dataset_name=name)


def pages(path, rows_per_page=5000):
    page = []
    with open(path, "rb") as lines:
        for line in lines:
            page.append(dlt_json.loadb(line))
            if len(page) == rows_per_page:
                yield page
                page = []
    if page:
        yield page


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def normalize(pipelines_dir, name):
    pipeline = open_pipeline(pipelines_dir, name)
    start, cpu = time.perf_counter(), cpu_seconds()
    pipeline.normalize()
    cost = {
        "seconds": time.perf_counter() - start,
        "cpuSeconds": cpu_seconds() - cpu,
        "peakMb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    print(json.dumps(cost))


def formats():
    found = ["insert_values", "jsonl"]
    try:
        import pyarrow  # noqa: F401

        found.append("parquet")
    except ImportError:
        pass
    print(json.dumps(found))


if __name__ == "__main__":
    action, *rest = sys.argv[1:]
    if action == "extract":
        directory, pipeline_name, data, file_format = rest
        rows = dlt.resource(pages(data), name=pipeline_name, file_format=file_format)
        open_pipeline(directory, pipeline_name).extract(rows)
    elif action == "normalize":
        normalize(*rest)
    elif action == "formats":
        formats()
    else:
        sys.exit(__doc__)
