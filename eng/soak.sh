#!/usr/bin/env bash
# Clients by the hundred, killed at random, while trust changes every second; an oracle checks each verdict (docs/soak.md).
#
#   ./bench soak [--minutes N] [--seed N] [--check-native] [--set NAME=VALUE]... [--write] [--artifacts DIR]
#
# --minutes N      time under load; 30 when left out. Two are enough to see that it works; memory is judged from ten on
# --seed N         of the random choices, to try like again
# --check-native   run the server with the C library's heap checks: slower; a use after free or a double free ends it
# --set NAME=VALUE  a setting of the server, for example agent.refusal=alert or agent.tls.engine=sslstream
# --write          also write the result into docs/soak.md
# --artifacts DIR  build there instead of ./artifacts
set -euo pipefail

artifacts=artifacts
arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes|--seed|--set) arguments+=("$1" "${2:?$1 needs a value}"); shift ;;
    --check-native|--write) arguments+=("$1") ;;
    --artifacts) artifacts=${2:?--artifacts needs a directory}; shift ;;
    -h|--help) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "bench soak: '$1' is not known. ./bench soak --help lists what is." >&2; exit 2 ;;
  esac
  shift
done
[ "$(ulimit -n)" -ge 4096 ] || ulimit -n 4096

for project in src/Gatehouse.Server benchmarks/Gatehouse.Soak; do
  if ! built=$(dotnet build "$project" -c Release --artifacts-path "$artifacts" -v q --nologo --disable-build-servers 2>&1); then
    echo "$built" >&2
    echo "bench soak: $project does not build." >&2
    exit 1
  fi
done
exec dotnet "$artifacts/bin/Gatehouse.Soak/release/Gatehouse.Soak.dll" --repository "$PWD" ${arguments[@]+"${arguments[@]}"}
