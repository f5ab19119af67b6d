#!/usr/bin/env bash
# The log service with 2,000 writers and 1,000 tails, over HTTP: from write to reader, a slow reader among them, CPU, memory. About two minutes.
#
#   ./bench logs [--quick] [--write] [--artifacts DIR]
#
# --quick          100 writers and 50 tails, ten seconds: to see that it works, not to compare
# --write          not with --quick: also rewrite the log service's figures in docs/performance.md
# --artifacts DIR  build there instead of ./artifacts
set -euo pipefail

artifacts=artifacts
quick= write=
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) quick=1 ;;
    --write) write=1 ;;
    --artifacts) artifacts=${2:?--artifacts needs a directory}; shift ;;
    -h|--help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "bench logs: '$1' is not known. ./bench logs --help lists what is." >&2; exit 2 ;;
  esac
  shift
done
if [ "$quick" ] && [ "$write" ]; then
  echo "bench logs: --quick's figures are not for docs/performance.md; leave --write out." >&2
  exit 2
fi
# Three thousand connections, at both ends.
if [ "$(ulimit -n)" -lt 16384 ] && ! ulimit -n 16384; then
  echo "bench logs: 16384 open files are needed, and the hard limit is $(ulimit -Hn)." >&2
  exit 1
fi
if ! built=$(dotnet build benchmarks/Gatehouse.LogBench -c Release --artifacts-path "$artifacts" -v q --nologo --disable-build-servers 2>&1); then
  echo "$built" >&2
  echo "bench logs: benchmarks/Gatehouse.LogBench does not build." >&2
  exit 1
fi
exec dotnet "$artifacts/bin/Gatehouse.LogBench/release/Gatehouse.LogBench.dll" ${quick:+--quick} ${write:+--write "$PWD"}
