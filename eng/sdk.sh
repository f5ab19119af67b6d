# Sourced by the root scripts: finds the .NET SDK and keeps its first-run chatter away. Expects $root.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
# Build output in English whatever the locale: the scripts read some of it.
export DOTNET_CLI_UI_LANGUAGE=en
# NuGet and the SDK want a home; some services and containers have none.
[[ -n "${HOME-}" ]] || export HOME="$root/artifacts/home"

# Puts the host program's path in $dotnet. Cheap: it does not start it.
find_dotnet() {
  if dotnet=$(command -v dotnet); then return; fi
  for dotnet in "${DOTNET_ROOT-}/dotnet" "$HOME/.dotnet/dotnet" /usr/share/dotnet/dotnet /usr/lib/dotnet/dotnet; do
    if [[ -x "$dotnet" ]]; then
      export DOTNET_ROOT="${dotnet%/dotnet}" PATH="${dotnet%/dotnet}:$PATH"
      return
    fi
  done
  echo "The .NET SDK 10 is needed and 'dotnet' was not found. Install it (https://dot.net/download), or put it in PATH." >&2
  exit 1
}

# Ends with a sentence unless an SDK that global.json accepts is there.
require_sdk() {
  find_dotnet
  if ! (cd "$root" && "$dotnet" --version >/dev/null 2>&1); then
    local found
    found=$("$dotnet" --list-sdks 2>/dev/null | cut -d' ' -f1 | paste -sd' ')
    echo "The .NET SDK 10.0 is needed; found here: ${found:-none}. Install it (https://dot.net/download) beside what is there." >&2
    exit 1
  fi
}
