#!/usr/bin/env bash
set -euo pipefail

usage() {
  cat <<'EOF'
Runs extract, normalize and load as containers, one after the other, over one shared folder.

Usage: docker/run-stages.sh [--build] <file.jsonl|file.json> [flags of gantry-extract]
       docker/run-stages.sh [--build] --continue [flags]

  --build       Build the three images first.
  --continue    Extract nothing: normalize and load what an earlier call left behind.
  --pipeline-name, --log-format and --progress go to all three stages, other flags to extract alone.

Environment:
  CONTAINER_ENGINE      Command of the engine, with arguments if need be (default: docker, else podman).
  GANTRY_DATA           Folder for packages and database, /data in the containers (default: ./gantry-data).
  GANTRY_IMAGE_PREFIX   The images are <prefix>extract, <prefix>normalize, <prefix>load (default: gantry-).
  PIPELINE_NAME         Name of the pipeline (default: gantry).
  DESTINATION__…        Handed to load, such as DESTINATION__DUCKDB__MEMORY_LIMIT=2GB; paths are those of its container.

Exit codes: 2 wrong usage, else those of the stage that failed (1 terminal, 75 worth retrying) or of the engine (125).
EOF
}

die() {
  echo "run-stages: $1" >&2
  exit "${2:-2}"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image_user=10001:10001
prefix=${GANTRY_IMAGE_PREFIX:-gantry-}
name=${PIPELINE_NAME:-gantry}
data=${GANTRY_DATA:-$PWD/gantry-data}

# What was asked for.
build='' input='' only_pending='' shared=() extract_flags=()
while [[ $# -gt 0 ]]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --build) build=1 && shift ;;
    --continue) only_pending=1 && shift ;;
    --pipelines-dir | --pipelines-dir=*) die "the packages are always under /data; choose the folder with GANTRY_DATA, not with --pipelines-dir" ;;
    --pipeline-name | --log-format | --progress)
      [[ $# -gt 1 ]] || die "$1 needs a value"
      if [[ $1 == --pipeline-name ]]; then name=$2; else shared+=("$1" "$2"); fi
      shift 2
      ;;
    --pipeline-name=*) name=${1#*=} && shift ;;
    --log-format=* | --progress=*) shared+=("$1") && shift ;;
    -) die 'standard input reaches no container here; give a file' ;;
    *)
      if [[ -z $input && -z $only_pending && $1 != -* ]]; then input=$1; else extract_flags+=("$1"); fi
      shift
      ;;
  esac
done
if [[ -z $only_pending ]]; then
  [[ -n $input ]] || die 'which file? For example: docker/run-stages.sh --build events.jsonl (--help tells more)'
  [[ -f $input ]] || die "there is no file $input"
  [[ -r $input ]] || die "$input may not be read by $(id -un)"
  input=$(cd "$(dirname "$input")" && pwd)/$(basename "$input")
elif [[ -n $input || ${#extract_flags[@]} -gt 0 ]]; then
  die "--continue takes no file and no flags of extract, it goes on with what is in $data"
fi

# The engine: as told, else the first that is installed and answers.
if [[ -z ${CONTAINER_ENGINE:-} ]]; then
  found=''
  for candidate in docker podman; do
    command -v "$candidate" >/dev/null || continue
    found="$found $candidate"
    if "$candidate" version >/dev/null 2>&1; then CONTAINER_ENGINE=$candidate && break; fi
  done
  [[ -n $found ]] || die 'no docker and no podman found. Install one, or set CONTAINER_ENGINE to the command of another.'
  [[ -n ${CONTAINER_ENGINE:-} ]] || die "installed, but not answering:$found. Is the daemon running? See: ${found##* } version"
fi
read -r -a engine <<<"$CONTAINER_ENGINE"
command -v "${engine[0]}" >/dev/null || die "there is no command ${engine[0]} (from CONTAINER_ENGINE)"

if [[ -n $build ]]; then
  for stage in extract normalize load; do
    "${engine[@]}" build -f "$here/Dockerfile" --target "$stage" -t "$prefix$stage" "$here/.." ||
      die "the image $prefix$stage could not be built" $?
  done
fi

# The folder, and a user that may write to it. Only a folder made here changes hands.
if [[ ! -d $data ]]; then
  mkdir -p "$data" || die "the folder $data cannot be made; choose another with GANTRY_DATA" 1
  if [[ $(id -u) == 0 ]]; then chown "$image_user" "$data"; fi
fi
data=$(cd "$data" && pwd)
[[ -w $data ]] || die "the folder $data may not be written to by $(id -un); choose another with GANTRY_DATA" 1
for path in "$input" "$data"; do
  case $path in *[,\"]*) die "a path with a comma or a quotation mark cannot be mounted: $path" ;; esac
done

run=(run --rm --read-only --cap-drop ALL --env "PIPELINE_NAME=$name" --mount "type=bind,source=$data,target=/data")
if [[ $(id -u) == 0 ]]; then
  # Root can be anyone: be the owner of the folder.
  # shellcheck disable=SC2012 # numbers of one folder; stat's flags differ between systems
  run+=(--user "$(ls -nd "$data" | awk '{ print $3 ":" $4 }')")
elif [[ $("${engine[@]}" info --format '{{.Host.Security.Rootless}}' 2>/dev/null) == true ]]; then
  run+=(--userns keep-id --user "$(id -u):$(id -g)") # Podman without root
elif [[ $("${engine[@]}" info --format '{{.SecurityOptions}}' 2>/dev/null) == *name=rootless* ]]; then
  run+=(--user 0:0) # Docker without root: its 0 is the one who calls
else
  run+=(--user "$(id -u):$(id -g)")
fi
if [[ -e /sys/fs/selinux/enforce ]]; then run+=(--security-opt label=disable); fi
# Images of that name from elsewhere are not meant, unless the prefix says where.
if [[ $prefix != */* ]]; then run+=(--pull never); fi

failed() {
  local hint="what the stages before it wrote is kept in $data; go on with --continue"
  if [[ $1 == extract ]]; then hint="nothing was added to what is in $data"; fi
  case $2 in
    125) hint="the engine could not run ${prefix}$1; if the image is missing, add --build" ;;
    137) hint="killed, perhaps for want of memory; $hint" ;;
  esac
  die "$1 ended with exit code $2 ($hint)" "$2"
}

# By name, so that no secret is on a command line.
settings=()
while read -r variable; do settings+=(--env "$variable"); done < <(compgen -e | grep '^DESTINATION__' || true)

# stage <name> [flags of the engine…]
stage() {
  local which=$1
  shift
  echo "── $which"
  "${engine[@]}" "${run[@]}" "$@" "$prefix$which" ${shared[@]+"${shared[@]}"} || failed "$which" $?
}

if [[ -z $only_pending ]]; then
  file=/input/$(basename "$input")
  echo '── extract'
  "${engine[@]}" "${run[@]}" --mount "type=bind,source=$input,target=$file,readonly" "${prefix}extract" \
    ${shared[@]+"${shared[@]}"} ${extract_flags[@]+"${extract_flags[@]}"} "$file" || failed extract $?
fi
stage normalize
stage load ${settings[@]+"${settings[@]}"}
if [[ -f $data/$name.duckdb ]]; then
  echo "── done: the database is $data/$name.duckdb"
else
  echo "── done: load says above where its data is; /data stands for $data"
fi
