#!/usr/bin/env bash
# docker/run-stages.sh [--build] FILE [extract flags…]
# Runs extract, normalize and load as containers, one after the other, over one shared volume.
#
#   CONTAINER_ENGINE      command of the engine (default: docker, else podman)
#   GANTRY_DATA           folder for packages and database, mounted at /data (default: ./gantry-data)
#   GANTRY_IMAGE_PREFIX   images are <prefix>extract, … (default: gantry-)
#   PIPELINE_NAME         (default: gantry)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
prefix=${GANTRY_IMAGE_PREFIX:-gantry-}
name=${PIPELINE_NAME:-gantry}
data=${GANTRY_DATA:-$PWD/gantry-data}

die() {
  echo "run-stages: $1" >&2
  exit "${2:-2}"
}

if [[ -z ${CONTAINER_ENGINE:-} ]]; then
  CONTAINER_ENGINE=$(command -v docker || command -v podman) ||
    die 'no docker and no podman found. Install one, or set CONTAINER_ENGINE to the command of another.'
fi
read -r -a engine <<<"$CONTAINER_ENGINE"

if [[ ${1:-} == --build ]]; then
  shift
  for stage in extract normalize load; do
    "${engine[@]}" build -f "$here/Dockerfile" --target "$stage" -t "$prefix$stage" "$here/.."
  done
fi

[[ $# -gt 0 ]] || die 'which file? For example: docker/run-stages.sh --build events.jsonl'
input=$1
shift
[[ -f $input ]] || die "there is no file $input" 1
input=$(cd "$(dirname "$input")" && pwd)/$(basename "$input")
mkdir -p "$data"
data=$(cd "$data" && pwd)

# Root's folders are opened for the images' user; everyone else runs the containers under their own number.
user=()
if [[ $(id -u) == 0 ]]; then chown 10001:10001 "$data"; else user=(--user "$(id -u):$(id -g)"); fi

stage() {
  local which=$1
  shift
  echo "── $which"
  "${engine[@]}" run "${user[@]}" -e PIPELINE_NAME="$name" -v "$data:/data" "${mounts[@]}" "$prefix$which" "$@"
}

mounts=(-v "$input:/input/$(basename "$input"):ro")
stage extract "/input/$(basename "$input")" "$@"
mounts=()
stage normalize
stage load
echo "── done: the database is $data/$name.duckdb"
