process "$2"
[ $_st = running ] || exit 0
case $3 in TERM | KILL | INT | QUIT | HUP | ABRT) true >"$_d/stopped" || fail sandbox_storage_full ;; esac
signal "$3"
exit 0
