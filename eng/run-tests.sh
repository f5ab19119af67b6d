# Sourced by ./test: runs test programs one after the other and adds up what they report. Expects $root and $dotnet.

# A program that hangs is ended and counts as failed.
minutes_each=25
passed=0 failed=0 skipped=0

# The number behind a label of the runner's summary, in a log.
summary_number() {
  sed -nE "s/^ +$1: ([0-9]+).*/\1/p" "$2" | tail -1
}

# run_test_program NAME [ARGUMENTS...]: one after the other on purpose. Several at once on two cores make timing tests lie.
run_test_program() {
  local name=$1 program="$root/artifacts/bin/$1/release/$1.dll" log="$root/artifacts/test-logs/$1.log" code=0 total
  shift
  mkdir -p "${log%/*}"
  echo "== $name"
  (cd "$root" && timeout --kill-after=10 "${minutes_each}m" "$dotnet" "$program" --progress off --no-ansi "$@") 2>&1 </dev/null | tee "$log" || code=${PIPESTATUS[0]}
  total=$(summary_number total "$log")
  passed=$((passed + $(summary_number succeeded "$log" || true) + 0))
  failed=$((failed + $(summary_number failed "$log" || true) + 0))
  skipped=$((skipped + $(summary_number skipped "$log" || true) + 0))
  # 8: no test ran. That is right when a filter chose others, and wrong otherwise.
  if [[ $code != 0 && $(summary_number failed "$log") =~ ^0?$ && ! ($code == 8 && $# -gt 0) ]]; then
    echo "$name ended with code $code and ${total:-no} tests: counted as one failure." >&2
    failed=$((failed + 1))
  fi
}

# The last line of ./test, and its exit code.
conclude() {
  echo
  echo "$passed passed, $failed failed, $skipped skipped"
  [[ $failed == 0 && $passed -gt 0 ]]
}
