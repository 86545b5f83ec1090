# The driver of a Bash context: `driver.sh <the context's directory>`. One shell runs the code, the other takes requests; what the
# code writes is carried, while a run lasts, by a process for each stream to whoever waits for the run.
home=$1
mark=$'\004superserve-end'
queue=() run='' carriers='' drains=''

# Carries what comes from a stream, up to the mark that is written to it when the run ends. A pipe gives all that it holds.
carry() {
  local piece=$home/piece-$1 last=''
  while [ -z "$last" ] && dd bs=1M count=1 of="$piece" 2>/dev/null; do
    if LC_ALL=C grep -aqF "$mark" "$piece"; then
      last=1
      LC_ALL=C sed -i "s/$mark//" "$piece"
    fi
    if [ -s "$piece" ]; then
      printf '{"%s": "%s"}\n' "$1" "$(base64 -w 0 "$piece")" 2>/dev/null
    fi
  done
  rm -f "$piece"
}

# Between two runs nobody hears what is written.
drop() {
  cat <&4 >/dev/null 2>&1 &
  drains=$!
  cat <&5 >/dev/null 2>&1 &
  drains="$drains $!"
}

fail() {
  printf '{"error": {"name": "%s", "message": "%s", "traceback": ""}}\n' "$1" "$2" >&6
}

# Begins the next run, once whoever asked for it has opened its end.
begin() {
  local path asker
  while [ -z "$run" ] && [ "${#queue[@]}" -gt 0 ]; do
    run=${queue[0]} queue=("${queue[@]:1}")
    path=$home/run-$run
    { read -r asker <"$path/pid" && kill -0 "$asker" && exec 6>"$path/out"; } 2>/dev/null || {
      run=''
      continue
    }
    echo '{"begin": true}' >&6
    kill $drains
    wait $drains 2>/dev/null
    carry stdout <&4 >&6 &
    carriers=$!
    carry stderr <&5 >&6 &
    carriers="$carriers $!"
    printf '__superserve_begin %q && eval "$__superserve_source" </dev/null\n' "$path" >&7
  done
}

# Ends the run with an exit status, and with what else there is to say of it.
end() {
  printf %s "$mark" >&4
  printf %s "$mark" >&5
  wait $carriers
  case $1 in
    0) ;;
    130) fail Interrupted 'the run was interrupted' ;;
    *) fail "${2:-ExitStatus}" "${3:-the last command ended with exit status $1}" ;;
  esac
  echo '{"end": true}' >&6
  exec 6>&-
  run=''
  drop
}

# What the shell that runs the code begins with. It is an interactive one, since these go on after an interrupt.
beginning() {
  printf '__superserve_home=%q\n' "$home"
  cat <<'END'
set +o history +H
PS1='' PS2=''
__superserve_begin() {
  local one name
  __superserve_path=$1 __superserve_before=() __superserve_here=''
  while IFS= read -r -d '' one; do
    name=${one%%=*}
    __superserve_before+=("unset $name; $(declare -p "$name" 2>/dev/null | sed '1s/^declare /declare -g /')")
    export "$one"
  done <"$1/env"
  one=$(cat "$1/cwd" && echo /)
  [ "$one" = / ] || { __superserve_here=$PWD && cd -- "${one%?}" >/dev/null; } || return
  __superserve_source=$(cat "$1/source")
}
__superserve_end() {
  local one status=$?
  [ "${__superserve_path-}" ] || return
  __superserve_path=''
  for one in "${__superserve_before[@]}"; do
    eval "$one"
  done
  [ -z "$__superserve_here" ] || cd -- "$__superserve_here" || :
  echo "end $status" 1<>"$__superserve_home/requests"
}
PROMPT_COMMAND='{ __superserve_end; } 2>/dev/null'
END
}

exec 3<>"$home/requests" 4<>"$home/stdout" 5<>"$home/stderr"
drop
exec 7> >(
  exec 7>&- >/dev/null 2>&1
  setsid bash -c 'echo "begun $$" 1<>"$0/requests"; exec bash --noprofile --norc --noediting -i' "$home" >&4 2>&5 3>&- 4>&- 5>&-
  echo "exit $?" >&3
)
read -r _ code <&3
trap '' PIPE
beginning >&7
# A process, and when it began, by which its number is told from a later one's.
born() {
  local stat fields
  read -r stat <"/proc/$1/stat"
  read -r -a fields <<<"${stat##*) }"
  printf '%s %s ' "$1" "${fields[19]}"
}
{ born "$$" && born "$code" && echo; } >"$home/pid.new" && mv "$home/pid.new" "$home/pid" || exit 1
exec >/dev/null 2>&1 </dev/null

while read -r what name <&3; do
  case $what in
    run) queue+=("$name") ;;
    interrupt)
      if [ "$run" ] && { [ "$name" = '*' ] || [ "$name" = "$run" ]; }; then
        kill -INT "-$code"
      else
        for i in "${!queue[@]}"; do
          [ "${queue[i]}" != "$name" ] || unset "queue[i]"
        done
        queue=("${queue[@]}")
      fi
      ;;
    end) end "$name" ;;
    exit)
      rm -f "$home/pid"
      [ -z "$run" ] || end "$name" ContextEnded "the process of the context ended with exit code $name"
      kill $drains
      exit
      ;;
  esac
  begin
done
