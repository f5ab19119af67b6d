# Sourced by ./test: runs test programs and adds up what they report. Expects $root and $dotnet.
#
# One program may run beside the others: the one whose tests mostly wait for other processes. Its output comes whole when it has ended.

# A program that hangs is ended and counts as failed.
minutes_each=25
passed=0 failed=0 skipped=0

# The number behind a label of the runner's summary, in a log.
summary_number() {
  sed -nE "s/^ +$1: ([0-9]+).*/\1/p" "$2" | tail -1
}

log_of() {
  echo "$root/artifacts/test-logs/$1.log"
}

# execute NAME [ARGUMENTS...]: the program's own exit code.
execute() {
  local name=$1
  shift
  cd "$root" && exec timeout --kill-after=10 "${minutes_each}m" "$dotnet" "artifacts/bin/$name/release/$name.dll" --progress off --no-ansi "$@" 2>&1 </dev/null
}

# run_test_program NAME [ARGUMENTS...]: one after the other on purpose. Many at once on two cores make timing tests lie.
run_test_program() {
  local name=$1 log code=0
  log=$(log_of "$name")
  mkdir -p "${log%/*}"
  echo "== $name"
  (execute "$@") | tee "$log" || code=${PIPESTATUS[0]}
  count "$code" "$@"
}

# begin_test_program NAME [ARGUMENTS...]: beside those that run_test_program runs, until end_test_program.
begin_test_program() {
  local log
  log=$(log_of "$1")
  mkdir -p "${log%/*}"
  (execute "$@") >"$log" &
  beside=$!
  trap 'kill "$beside" 2>/dev/null || true' EXIT
}

# end_test_program NAME [ARGUMENTS...]: waits for the one that was begun with the same words.
end_test_program() {
  local code=0
  wait "$beside" || code=$?
  trap - EXIT
  echo "== $1"
  cat "$(log_of "$1")"
  count "$code" "$@"
}

# count CODE NAME [ARGUMENTS...]: adds a program that has ended to the sums.
count() {
  local code=$1 name=$2 log total
  shift 2
  log=$(log_of "$name")
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
