#!/usr/bin/env bash
# Coverage-guided fuzzing of all that reads a peer's bytes (docs/fuzzing.md).
#
#   ./bench fuzz [--minutes N] [--target NAME...] [--seed N] [--keep] [--artifacts DIR]
#
# --minutes N      time for each target; 1 when left out
# --target NAME    only these; a wrong name prints which there are
# --keep           write what is new, made as small as it gets, into tests/Gatehouse.FuzzTests/Corpus
# --artifacts DIR  build there instead of ./artifacts
set -euo pipefail

artifacts=artifacts
arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes|--seed|--target) arguments+=("$1" "${2:?$1 needs a value}"); shift ;;
    --keep) arguments+=("$1") ;;
    --artifacts) artifacts=${2:?--artifacts needs a directory}; shift ;;
    -h|--help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) arguments+=("$1") ;;
  esac
  shift
done

if ! built=$(dotnet build benchmarks/Gatehouse.Fuzz -c Release --artifacts-path "$artifacts" -v q --nologo --disable-build-servers 2>&1); then
  echo "$built" >&2
  echo "bench fuzz: benchmarks/Gatehouse.Fuzz does not build." >&2
  exit 1
fi
# Instrumented in a copy: what ./test and the programs run stays as it was compiled.
rm -rf "$artifacts/fuzz"
mkdir -p "$artifacts/fuzz"
cp -r "$artifacts/bin/Gatehouse.Fuzz/release/." "$artifacts/fuzz/"
dotnet tool restore >/dev/null
for assembly in Gatehouse.Gateway Gatehouse.Tls Gatehouse.Pki Gatehouse.Contracts; do
  dotnet sharpfuzz "$artifacts/fuzz/$assembly.dll"
done
exec dotnet "$artifacts/fuzz/Gatehouse.Fuzz.dll" --repository "$PWD" ${arguments[@]+"${arguments[@]}"}
