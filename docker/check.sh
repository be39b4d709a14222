#!/usr/bin/env bash
# Builds the images and proves them: no driver before load, and real rows through three containers.
# CONTAINER_ENGINE as for run-stages.sh. Ends with `N passed, N failed`.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
read -r -a engine <<<"${CONTAINER_ENGINE:?set CONTAINER_ENGINE, for example to docker}"
data=$(mktemp -d)
passed=0 failed=0

check() {
  local what=$1
  shift
  if "$@"; then passed=$((passed + 1)) && echo "ok    $what"; else failed=$((failed + 1)) && echo "FAIL  $what"; fi
}

in_image() { "${engine[@]}" run --entrypoint node "gantry-$1" -e "$2"; }

for stage in extract normalize load; do
  check "build $stage" "${engine[@]}" build -f "$here/Dockerfile" --target "$stage" -t "gantry-$stage" "$here/.."
done
for stage in extract normalize; do
  check "$stage has no driver" in_image "$stage" \
    "process.exit(fs.existsSync('/app/node_modules/@duckdb') || fs.existsSync('/app/node_modules/typescript') ? 1 : 0)"
done
check 'load has its driver' in_image load "process.exit(fs.existsSync('/app/node_modules/@duckdb/node-api') ? 0 : 1)"
check 'extract has no worker pool' in_image extract "process.exit(fs.existsSync('/app/node_modules/piscina') ? 1 : 0)"
check 'none runs as root' in_image load 'process.exit(process.getuid() === 10001 ? 0 : 1)'
check 'three containers over one volume' env GANTRY_DATA="$data" PIPELINE_NAME=boxed \
  bash "$here/run-stages.sh" "$here/../examples/github-events/github_events.json" --table events
check 'the rows are there' node "$here/check-rows.mjs" "$data/boxed.duckdb" boxed_dataset
rm -rf "$data"
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
