# Sourced by the scripts that make pages of documentation from what really happens: shows commands with their output, masks what differs from run to run.
# Before: set -euo pipefail; page=docs/…, the page to write; folder, the word for the working folder in paths. extra_mask may hold one more sed expression.

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
page="$root/$page"
work=$(mktemp -d)
raw=$(mktemp) out=$(mktemp) made=$(mktemp)
children=()
agent_port=8443 operator_port=8080

finish() {
  local code=$? child
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  for child in "${children[@]}"; do wait "$child" 2>/dev/null || true; done
  if [[ $code != 0 && $code != 10 ]]; then
    echo "The transcript broke off. The last of it:" >&2
    tail -25 "$raw" "$work"/*.log >&2 2>/dev/null || true
  fi
  rm -rf "$work" "$raw" "$out" "$made"
  exit $((code == 10 ? 1 : code))
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Nothing of the caller's set-up may show, and no proxy stands between.
while read -r name; do unset "$name"; done < <(compgen -e | grep -E '^(GATEHOUSE_|DELEGATE_|PROXY_)|_PROXY$|_proxy$|^(ACCOUNT_ID|MANAGER_HOST_AND_PORT|NEXT_GEN|INIT_SCRIPT|LOG_STREAMING_SERVICE_URL|TI_SERVICE_URL)$' || true)
export LC_ALL=C TZ=UTC

# Text of the page, from standard input.
prose() { cat >>"$raw"; }

# run COMMAND [EXIT CODE]: shows the command, runs it in this shell with the ports really in use, shows what it prints. Another exit code than expected ends the script.
run() {
  local command=$1 expected=${2-0} code=0
  {
    echo '```console'
    sed -e '1s/^/$ /' -e '2,$s/^/> /' <<<"$command"
  } >>"$raw"
  command=${command//:8443/:$agent_port}
  command=${command//:8080/:$operator_port}
  eval "$command" >"$out" 2>&1 </dev/null || code=$?
  # Key generation draws dots.
  grep -Ev '^[.+*-]+$' "$out" >>"$raw" || true
  [[ $code == 0 ]] || echo "(exit code $code)" >>"$raw"
  printf '```\n\n' >>"$raw"
  if [[ $command == *'&' ]]; then children+=($!); fi
  if [[ $code != "$expected" ]]; then
    echo "Expected exit code $expected of: $command" >&2
    exit 1
  fi
}

# eventually SECONDS COMMAND: waits until it succeeds. Not shown.
eventually() {
  local until=$((SECONDS + $1))
  until eval "$2" >/dev/null 2>&1; do
    if ((SECONDS >= until)); then
      echo "Not within $1 s: $2" >&2
      exit 1
    fi
    sleep 0.1
  done
}

mask() {
  sed -E \
    -e "s/:$agent_port\b/:8443/g; s/:$operator_port\b/:8080/g" \
    -e "s#(/private)?$work#~/$folder#g" \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}( UTC|Z)/2026-01-31 12:00:00\1/g' \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|\+00:00)/2026-01-31T12:00:00Z/g' \
    -e 's/expired [0-9].* ago/expired long ago/' \
    -e 's/\(process [0-9]+\)/(process 4711)/' \
    -e 's/\b[0-9A-F]{64}\b/<64 hex digits>/g; s/\b[0-9A-F]{28,40}\b/<hex digits>/g' \
    -e 's/SHA-256 [0-9A-F]{16}…/SHA-256 <hex digits>…/g' \
    -e 's/\b[0-9a-f]{32}\b/<32 hex digits>/g' \
    -e 's/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/<id>/g' \
    -e "s/('plain' lacks nobody); ('with-certificate' lacks nobody)/\\2; \\1/" \
    -e "${extra_mask-}" \
    -e 's/[[:space:]]+$//' "$1"
}

# A free port of four digits, as wide as the one in the text, so that tables keep their columns.
free_port() {
  local port
  while port=$((9000 + RANDOM % 1000)); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  echo "$port"
}

# finish_page "$@": writes the page, or with --check compares it: exit code 1 and the difference when it is no longer true.
finish_page() {
  mask "$raw" | cat -s >"$made"
  # A page ends with one line end.
  sed -i -e '${/^$/d}' "$made"

  if [[ "${1-}" == --check ]]; then
    if ! diff -u "$page" "$made"; then
      echo "${page#"$root/"} is no longer what happens. Read the difference; if it is meant, run $0 and commit the page." >&2
      exit 10
    fi
  else
    cp "$made" "$page"
  fi
}

cd "$work"
ln -s "$root/gatehouse" gatehouse
# Built before the clock of any wait runs.
./gatehouse --version >/dev/null
