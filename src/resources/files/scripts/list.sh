into "$2"
[ -r . ] || fail permission_denied
d=${3:-1} h=$4 g=$5 i=$6 t= n=
seek tell
