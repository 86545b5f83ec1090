into "$2"
[ -r . ] || fail permission_denied
d= g=$3 t=$4 n=$5 h=$6 i=$7
seek tell
