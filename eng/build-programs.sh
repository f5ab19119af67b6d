# Sourced by ./gatehouse: builds the programs when they are missing or older than their sources. Expects $root and eng/sdk.sh.

stamp="$root/artifacts/.programs-built"

# True when nothing that goes into the programs is newer than the last build. Folders count, so that a deleted file is noticed.
programs_are_fresh() {
  [[ -f "$stamp" ]] || return 1
  local newer
  newer=$(cd "$root" && find src eng/*.props eng/BannedSymbols.txt eng/programs.slnx Directory.*.props global.json .editorconfig \
    -newer "$stamp" -not -name packages.lock.json -print -quit) || return 1
  [[ -z "$newer" ]]
}

# A file as old as the beginning of a build: what was saved while it ran is built next time.
programs_build_begins() {
  mkdir -p "$root/artifacts"
  mktemp "$root/artifacts/.building.XXXXXX"
}

# programs_were_built FILE: what programs_build_begins made.
programs_were_built() {
  mv "$1" "$stamp"
}

build_programs() {
  require_sdk
  local log="$root/artifacts/programs-build.log" began
  began=$(programs_build_begins)
  echo "building ..." >&2
  # Descriptor 9 is the lock: no build server may inherit it, and none is left behind.
  if ! (cd "$root" && "$dotnet" build eng/programs.slnx -c Release -v quiet --nologo --disable-build-servers) >"$log" 2>&1 9>&-; then
    rm -f "$began"
    cat "$log" >&2
    echo "The build failed; its log is above." >&2
    exit 1
  fi
  programs_were_built "$began"
}

# Two calls at once build once: the second waits for the first and finds everything fresh.
ensure_programs() {
  programs_are_fresh && return
  mkdir -p "$root/artifacts"
  if command -v flock >/dev/null; then
    exec 9>"$root/artifacts/.programs-lock"
    if ! flock -n 9; then
      echo "waiting for another build ..." >&2
      flock 9
    fi
    programs_are_fresh || build_programs
    exec 9>&-
  else
    build_programs
  fi
}
