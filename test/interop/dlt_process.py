"""Does with Python dlt what a test asks: a JSON request a line on standard input, a JSON answer a line on standard output.

Each request is done by a process of its own, forked from this one, which has dlt imported already. A request has
`action`, `arguments`, `open` (`pipeline` or `attach`), `pipeline` with what to open it by, and `environment` variables.
An answer has `result` or `error`.
"""

import json
import os
import signal
import sys

import dlt
from dlt.common.destination.client import RunnableLoadJob
from dlt.common.destination.exceptions import DestinationTransientException
from dlt.common.json import json as dlt_json
from dlt.load.load import Load


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what dlt prints is no answer
    for line in sys.stdin:
        answers.write(answer_in_fork(json.loads(line)) + "\n")
        answers.flush()


def answer_in_fork(request):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            out.write(json.dumps(answer(request)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as text:
        found = text.read()
    os.waitpid(pid, 0)
    return found or json.dumps({"error": "the process was killed"})


def answer(request):
    os.environ.update(request["environment"])
    try:
        pipeline = open_pipeline(request["open"], request["pipeline"])
        return {"result": actions[request["action"]](pipeline, **request.get("arguments", {}))}
    except BaseException as error:  # an exit of dlt's is an answer, too
        return {"error": f"{type(error).__name__}: {error}"}


def open_pipeline(how, given):
    destination = getattr(dlt.destinations, given["engine"])(given["credentials"])
    named = {name: given[name] for name in ("pipeline_name", "pipelines_dir", "dataset_name")}
    return {"pipeline": dlt.pipeline, "attach": dlt.attach}[how](destination=destination, **named)


def extract(pipeline, run):
    data, options = data_of(run)
    return str(pipeline.extract(data, **options))


def run(pipeline, run):
    data, options = data_of(run)
    return str(pipeline.run(data, **options))


def normalize(pipeline):
    return str(pipeline.normalize())


def load(pipeline):
    return str(pipeline.load())


def load_until_killed(pipeline, jobs):
    """Loads job after job, and kills itself when the destination has taken that many: the last one is not settled yet."""
    taken = []
    complete_jobs = Load.complete_jobs

    def dying(self, load_id, running, schema):
        taken.extend(job for job in running if job.state() == "completed")
        if len(taken) >= jobs:
            os.kill(os.getpid(), signal.SIGKILL)
        return complete_jobs(self, load_id, running, schema)

    Load.complete_jobs = dying
    return str(pipeline.load(workers=1))


def load_until_retry(pipeline):
    """Loads, with a destination that does not answer: dlt makes the tables, and gives each file another try's name."""

    def failing(self, job_client, done_event=None):
        self.run = unanswered
        return run_managed(self, job_client, done_event)

    def unanswered():
        raise DestinationTransientException("the destination does not answer")

    run_managed = RunnableLoadJob.run_managed
    RunnableLoadJob.run_managed = failing
    os.environ["LOAD__RAISE_ON_MAX_RETRIES"] = "1"
    return str(pipeline.load())


def drop_pending(pipeline):
    """Removes the packages that wait, and says how many are left."""
    pipeline.drop_pending_packages()
    return len(pipeline.list_extracted_load_packages()) + len(pipeline.list_normalized_load_packages())


def look(pipeline):
    """What dlt sees of the dataset, and of the working folder."""
    dataset = pipeline.dataset()
    return {
        "rows": {name: len(dataset[name].fetchall()) for name in dataset.schema.data_table_names()},
        "hash": pipeline.default_schema.stored_version_hash,
        "pending": pipeline.has_pending_data,
        "loaded": pipeline.list_completed_load_packages(),
    }


def data_of(run):
    options = {name: value for name, value in run.items() if name != "resources"}
    return [resource_of(**given) for given in run["resources"]], options


def resource_of(name, items, state=None, **hints):
    """Rows are typed JSON. `state` is what the resource adds to its state."""

    def rows():
        if state is not None:
            dlt.current.resource_state().update(state)
        yield [dlt_json.typed_loads(text) for text in items]

    return dlt.resource(rows, name=name, **hints)


actions = {
    done.__name__: done
    for done in (extract, run, normalize, load, load_until_killed, load_until_retry, drop_pending, look)
}

if __name__ == "__main__":
    main()
