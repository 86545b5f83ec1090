at "$3"
there "$b" && fail already_exists
ln -s -- "$2" "$b"
