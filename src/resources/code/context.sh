known() {
[ -d "$1/$id" ] && d=$1/$id
}
say() {
echo "!$1"
exit
}
find_context() {
id=$1
case $id in '' | .* | *[!A-Za-z0-9._-]*) say absent ;; esac
states code known
}
is_since() {
{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return
was=$2
set -- ${stat##*') '}
[ "$1" != Z ] && [ "${20}" = "$was" ]
}
alive() {
{ read -r pid born kin since <"$d/pid"; } 2>/dev/null && is_since "$pid" "$born"
}
sweep() {
[ -f "$d/pid" ] || return
! is_since "$kin" "$since" || kill -KILL "-$kin"
# Of one that is gone, or that nobody has waited for yet, what it has started goes too.
stat=
read -r stat <"/proc/$pid/stat"
case $stat in '' | *') Z '*) kill -KILL "-$pid" ;; esac
rm -f -- "$d/pid"
} 2>/dev/null
