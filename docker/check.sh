#!/usr/bin/env bash
# Builds the images and proves them: no driver before load, and real rows through three containers.
# CONTAINER_ENGINE and GANTRY_IMAGE_PREFIX as for run-stages.sh. Ends with `N passed, N failed`.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
read -r -a engine <<<"${CONTAINER_ENGINE:?set CONTAINER_ENGINE, for example to docker}"
prefix=${GANTRY_IMAGE_PREFIX:-gantry-}
events=$here/../examples/github-events/github_events.json
data=$(mktemp -d)
trap 'rm -rf "$data"' EXIT
passed=0 failed=0

check() {
  local what=$1
  shift
  if "$@"; then passed=$((passed + 1)) && echo "ok    $what"; else failed=$((failed + 1)) && echo "FAIL  $what"; fi
}

in_image() { "${engine[@]}" run --rm --entrypoint node "$prefix$1" -e "$2"; }

# in_image_none <stage> <modules…>: nowhere under /app is a folder of that name.
in_image_none() {
  local stage=$1
  shift
  in_image "$stage" "
    const names = new Set('$*'.split(' '))
    const found = fs.readdirSync('/app', { recursive: true, withFileTypes: true }).filter((e) => names.has(e.name))
    for (const e of found) console.log(e.parentPath + '/' + e.name)
    process.exit(found.length === 0 ? 0 : 1)"
}

# stages <folder in data> <arguments…>: run-stages.sh there, its output shown only if it did not go as expected.
stages() {
  local folder=$1 expected=$2 text=$3 output code=0
  shift 3
  output=$(GANTRY_DATA="$data/$folder" bash "$here/run-stages.sh" "$@" 2>&1) || code=$?
  if [[ $code == "$expected" && $output == *"$text"* ]]; then return 0; fi
  printf '%s\nexit code %s, expected %s with "%s"\n' "$output" "$code" "$expected" "$text"
  return 1
}

rows() { node "$here/check-rows.mjs" "$data/$1.duckdb" "$2"; }

for stage in extract normalize load load-postgres; do
  check "build $stage" "${engine[@]}" build -f "$here/Dockerfile" --target "$stage" -t "$prefix$stage" "$here/.."
done
check 'extract has no driver, no worker pool, no build tools' in_image_none extract @duckdb pg piscina typescript vitest
check 'normalize has no driver, no build tools' in_image_none normalize @duckdb pg typescript vitest
check 'load has no worker pool, no build tools' in_image_none load piscina typescript vitest
check 'load has its driver' in_image load "process.exit(fs.existsSync('/app/node_modules/@duckdb/node-api') ? 0 : 1)"
check 'load has no other driver' in_image_none load pg
check 'load-postgres has its driver' in_image load-postgres "import('pg').then(() => process.exit(0), () => process.exit(1))"
check 'load-postgres has no other driver, no worker pool' in_image_none load-postgres @duckdb piscina typescript vitest
for stage in extract normalize load load-postgres; do
  check "$stage does not run as root" in_image "$stage" 'process.exit(process.getuid() === 10001 ? 0 : 1)'
done
check 'three containers over one new folder' stages boxed 0 'done: the database is' "$events" --table events \
  --pipeline-name boxed
check 'the rows are there' rows boxed/boxed boxed_dataset

mkdir "$data/owned"
if [[ $(id -u) == 0 ]]; then chown 12345:12345 "$data/owned"; fi
check 'the same in a folder that is there, of another user' stages owned 0 'done: the database is' "$events" \
  --table=events --pipeline-name=owned
check 'the rows are there too' rows owned/owned owned_dataset
check 'with nothing pending, --continue adds nothing' stages owned 0 'done: the database is' --continue \
  --pipeline-name owned
check 'still the same rows' rows owned/owned owned_dataset

DESTINATION__DUCKDB__CREDENTIALS=other.duckdb check 'settings of the destination reach load' stages boxed 0 \
  '/data/other.duckdb' "$events" --table events --pipeline-name elsewhere
check 'and put the rows elsewhere' rows boxed/other elsewhere_dataset
check 'a missing file is told' stages none 2 'there is no file' "$data/none.jsonl"
check 'a wrong flag is told, with its exit code' stages none 2 'extract ended with exit code 2' "$events" --tabel x
GANTRY_IMAGE_PREFIX=gantry-none- check 'a missing image is told' stages none 125 'add --build' "$events"
CONTAINER_ENGINE=no-such-engine check 'a missing engine is told' stages none 2 'there is no command no-such-engine' "$events"

echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
