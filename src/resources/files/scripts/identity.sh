at "$2"
[ -d "$b" ] && fail is_directory
stat -Lc %d:%i:%s:%y -- "$b"
