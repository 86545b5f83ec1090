# The driver of a Bash context: `driver.sh <the context's directory>`. One shell runs the code, the other takes requests; what the
# code writes is carried, while a run lasts, by a process for each stream to whoever waits for the run.
home=$1
mark=$'\004superserve-end'
queue=() run='' by='' carriers='' drains='' looks='' asked='' over=''

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

# Interrupts a run that nobody waits for any more, until it ends. From its pipe nothing comes: it is what costs no program for each look.
look() {
  while :; do
    read -r -t 1 -u 8
    kill -0 "$by" || kill -INT "-$code"
  done
}

# Begins the next run that somebody waits for.
begin() {
  local path
  while [ -z "$run" ] && [ "${#queue[@]}" -gt 0 ]; do
    run=${queue[0]% *} by=${queue[0]#* } queue=("${queue[@]:1}")
    path=$home/run-$run
    if kill -0 "$by" && mv "$path" "$home/running" && [ -p "$path.out" ]; then
      # Of the two the first waits for no reader, and sees to it that the second does not.
      exec 9<>"$path.out" 6>"$path.out" 9<&-
      echo '{"begin": true}' >&6
      kill $drains
      wait $drains
      carry stdout <&4 >&6 &
      carriers=$!
      carry stderr <&5 >&6 &
      carriers="$carriers $!"
      printf '__superserve_begin %q && eval "$__superserve_source" </dev/null\n' "$run" >&7
    else
      run=''
    fi
    rm -f "$path" "$path.out"
  done
}

# Ends the run with an exit status, and with what else there is to say of it.
end() {
  kill $looks
  wait $looks
  looks='' asked=''
  printf %s "$mark" >&4
  printf %s "$mark" >&5
  wait $carriers
  # From here on another driver may begin, which nothing of this one may read from.
  [ -z "$over" ] || rm -f "$home/pid"
  case $1 in
    0) ;;
    130) fail Interrupted 'the run was interrupted' ;;
    *) fail "${2:-ExitStatus}" "${3:-the last command ended with exit status $1}" ;;
  esac
  rm -f "$home/running"
  echo '{"end": true}' >&6
  exec 6>&-
  run=''
  [ "$over" ] || drop
}

# What the shell that runs the code begins with. It is an interactive one, since these go on after an interrupt.
beginning() {
  printf '__superserve_home=%q\n' "$home"
  cat <<'END'
set +o history +H
PS1='' PS2=''
__superserve_begin() {
  local __superserve_one __superserve_cwd
  __superserve_run=$1 __superserve_before=() __superserve_here=''
  {
    IFS= read -r -d '' __superserve_cwd
    while IFS= read -r -d '' __superserve_one && [ "$__superserve_one" ]; do
      __superserve_before+=("unset ${__superserve_one%%=*}; $(declare -p "${__superserve_one%%=*}" 2>/dev/null | sed '1s/^declare /declare -g /')")
      export "$__superserve_one"
    done
    IFS= read -r -d '' __superserve_source
  } <"$__superserve_home/running"
  echo ready 1<>"$__superserve_home/requests"
  [ -z "$__superserve_cwd" ] || { __superserve_here=$PWD && cd -- "$__superserve_cwd" >/dev/null; }
}
__superserve_end() {
  local __superserve_one __superserve_status=$?
  [ "${__superserve_run-}" ] || return
  for __superserve_one in "${__superserve_before[@]}"; do
    eval "$__superserve_one"
  done
  [ -z "$__superserve_here" ] || cd -- "$__superserve_here" || :
  # An interrupt may come at any point: what has not been told is told at the next prompt, and twice does no harm.
  echo "end $__superserve_status $__superserve_run" 1<>"$__superserve_home/requests"
  __superserve_run=''
}
PROMPT_COMMAND='{ __superserve_end; } 2>/dev/null'
END
}

exec 3<>"$home/requests" 4<>"$home/stdout" 5<>"$home/stderr"
mkfifo "$home/never" && exec 8<>"$home/never" && rm "$home/never"
drop
exec 7> >(
  exec 7>&- >/dev/null 2>&1
  setsid bash -c 'echo "begun $$" 1<>"$0/requests"; exec bash --noprofile --norc --noediting -i' "$home" >&4 2>&5 3>&- 4>&- 5>&- 8>&-
  echo "exit $?" >&3
)
until read -r what code <&3 && [ "$what" = begun ]; do :; done
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

while read -r -u 3 what name driver asker; do
  case $what in
    run)
      # What a driver was asked for that is gone nobody waits for.
      [ "$driver" != "$$" ] || queue+=("$name $asker")
      ;;
    ready)
      look 3>&- 4>&- 5>&- 6>&- 7>&- &
      looks=$!
      [ -z "$asked" ] || kill -INT "-$code"
      ;;
    interrupt)
      if [ "$run" ] && { [ "$name" = '*' ] || [ "$name" = "$run" ]; }; then
        # A shell that still reads what it shall do would forget that, and not tell of an end.
        asked=1
        [ -z "$looks" ] || kill -INT "-$code"
      else
        for i in "${!queue[@]}"; do
          [ "${queue[i]% *}" != "$name" ] || unset "queue[i]"
        done
        queue=("${queue[@]}")
      fi
      ;;
    end) [ "$driver" != "$run" ] || end "$name" ;;
    exit)
      over=1
      if [ "$run" ]; then
        end "$name" ContextEnded "the process of the context ended with exit code $name"
      else
        kill $drains
        rm -f "$home/pid"
      fi
      exit
      ;;
  esac
  begin
done
