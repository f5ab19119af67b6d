#!/usr/bin/env bash
# The TI service with a large repository, over HTTP: uploads, selections, skip lists, memory.
#
#   ./bench ti [--quick] [--artifacts DIR]
#
# --quick          2,000 tests and 1,000 files: to see that it works, not to compare
# --artifacts DIR  build there instead of ./artifacts
set -euo pipefail

artifacts=artifacts
arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) arguments+=("$1") ;;
    --artifacts) artifacts=${2:?--artifacts needs a directory}; shift ;;
    -h|--help) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "bench ti: '$1' is not known. ./bench ti --help lists what is." >&2; exit 2 ;;
  esac
  shift
done
if ! built=$(dotnet build benchmarks/Gatehouse.TiBench -c Release --artifacts-path "$artifacts" -v q --nologo --disable-build-servers 2>&1); then
  echo "$built" >&2
  echo "bench ti: benchmarks/Gatehouse.TiBench does not build." >&2
  exit 1
fi
exec dotnet "$artifacts/bin/Gatehouse.TiBench/release/Gatehouse.TiBench.dll" ${arguments[@]+"${arguments[@]}"}
