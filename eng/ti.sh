#!/usr/bin/env bash
# The TI service with a large repository, over HTTP: uploads, selections, skip lists, memory.
#
#   ./bench ti [--quick] [--write] [--artifacts DIR]
#
# --write          puts the figures into docs/performance.md; not with --quick
# --quick          2,000 tests and 1,000 files: to see that it works, not to compare
# --artifacts DIR  build there instead of ./artifacts
set -euo pipefail

artifacts=artifacts
write=no
arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) arguments+=("$1") ;;
    --write) write=yes ;;
    --artifacts) artifacts=${2:?--artifacts needs a directory}; shift ;;
    -h|--help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "bench ti: '$1' is not known. ./bench ti --help lists what is." >&2; exit 2 ;;
  esac
  shift
done
if ! built=$(dotnet build benchmarks/Gatehouse.TiBench -c Release --artifacts-path "$artifacts" -v q --nologo --disable-build-servers 2>&1); then
  echo "$built" >&2
  echo "bench ti: benchmarks/Gatehouse.TiBench does not build." >&2
  exit 1
fi
if [ $write = yes ] && [ ${#arguments[@]} -gt 0 ]; then
  echo "bench ti: --write needs the full size; leave --quick out." >&2
  exit 2
fi
figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
load=$(cut -d' ' -f1 /proc/loadavg)
dotnet "$artifacts/bin/Gatehouse.TiBench/release/Gatehouse.TiBench.dll" ${arguments[@]+"${arguments[@]}"} | tee "$figures"
[ $write = yes ] || exit 0

# Between the two marks of the page, with what the figures are of.
page=docs/performance.md
{
  sed '/^<!-- ti figures: begin/q' "$page"
  echo
  echo "\`./bench ti --write\`, $(date -u '+%Y-%m-%d %H:%M') UTC, commit $(git rev-parse --short=10 HEAD)$(git diff --quiet HEAD -- src benchmarks || echo ' and changes on top'), $(nproc) cores, load before the run $load$(chrt -p $$ 2>/dev/null | grep -q SCHED_RR && echo ', run with real-time priority' || true); service and client on the same cores."
  echo
  sed 's/^\([0-9].*relations\)$/\1:/' "$figures"
  echo
  sed -n '/^<!-- ti figures: end/,$p' "$page"
} > "$page.new"
mv "$page.new" "$page"
