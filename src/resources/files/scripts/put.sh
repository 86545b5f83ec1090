at "$2"
case $3 in */* | . | .. | '') exit 1 ;; esac
t=./$3
[ -z "$root" ] || own "$t" "$t".*
if [ "$5" = discard ]; then
rm -f -- "$t" "$t".*
exit
fi
i=1
while [ "$i" -le "$4" ]; do
cat -- "$t.$i" >>"$t" && rm -f -- "$t.$i" || exit 1
i=$((i+1))
done
[ -z "$6" ] || m=$(printf %o "$6")
if [ "$5" = new ]; then
[ -z "$m" ] || chmod "$m" "$t" || exit 1
there "$b" && fail already_exists
ln -- "$t" "$b" && rm -f -- "$t"
exit
fi
if [ -L "$b" ]; then
r=$(readlink -f -- "$b"; printf .)
[ "$r" = . ] && { [ -e "$b" ] || fail too_many_links; }
exec 8<.
f=/proc/self/fd/8/$3
at "${r%??}"
[ -e "$t" ] || mv -- "$f" "$t" || exit 1
[ -z "$root" ] || own "$t"
fi
[ -d "$b" ] && fail is_directory
if [ -e "$b" ]; then
[ -z "$7" ] || [ "$7" = "$(stat -Lc %d:%i:%s:%y -- "$b")" ] || fail changed
if [ "$5" = append ]; then
cat -- "$t" >>"$b" && rm -f -- "$t" && { [ -z "$m" ] || chmod "$m" "$b"; }
exit
fi
chown "$(stat -Lc %u:%g -- "$b")" "$t" 2>/dev/null
: "${m:=$(stat -Lc %a -- "$b")}"
else
[ -z "$7" ] || fail changed
fi
[ -z "$m" ] || chmod "$m" "$t" || exit 1
mv -fT -- "$t" "$b"
