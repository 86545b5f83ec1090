if [ "$3" = 1 ]; then
[ "$root" ] && into "$root" || cd /
p=${2#"$root"}/
while p=${p#/}; [ "$p" ]; do
s=./${p%%/*}
p=${p#*/}
[ -d "$s" ] || mkdir -- "$s" || [ -d "$s" ] || exit 1
into "$s"
done
else
at "$2"
mkdir -- "$b" || exit 1
fi
