#!/bin/sh
# Runs one POP3 server inside a throw-away copy of this system: the server's packages are laid over / in mount
# and process namespaces of its own, changes go to memory, and all of it is gone when this process ends.
# Usage, as root: unshare --mount --pid --fork --kill-child sh guest.sh SERVER UNPACKED MAIL PORT
set -eu
server=$1 unpacked=$2 mail=$3 port=$4

work=$(mktemp -d)
mount -t tmpfs mailonce "$work"
mkdir "$work/changes" "$work/work" "$work/root"
cp -a "$unpacked/." "$work/changes/"
mount -t overlay mailonce -o "lowerdir=/,upperdir=$work/changes,workdir=$work/work" "$work/root"
root=$work/root
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs run "$root/run"
mount -t tmpfs tmp "$root/tmp"
mkdir "$root/tmp/mail"
mount --bind "$mail" "$root/tmp/mail"

# What the packages' own scripts would have made, and the one user who may log in, and only here.
printf 'alice:x:4000:4000::/home/alice:/bin/sh\n' >> "$root/etc/passwd"
for user in popa3d spop3d courier cyrus; do
  grep -q "^$user:" "$root/etc/passwd" || printf '%s:x:4001:4000::/var/lib/%s:/bin/sh\n' $user $user >> "$root/etc/passwd"
  grep -q "^$user:" "$root/etc/group" || printf '%s:x:4001:\n' $user >> "$root/etc/group"
done
mkdir -p "$root/var/lib/popa3d"
printf 'alice:x:4000:\n' >> "$root/etc/group"
printf 'alice:%s:19000:0:99999:7:::\n' "$(openssl passwd -6 secret)" >> "$root/etc/shadow"
mkdir -p "$root/home/alice" "$root/var/mail"
chown 4000:4000 "$root/home/alice"
printf 'auth required pam_unix.so\n' > "$root/etc/pam.d/common-auth"
printf 'account required pam_permit.so\n' > "$root/etc/pam.d/common-account"
printf 'session required pam_permit.so\n' > "$root/etc/pam.d/common-session"
printf 'password required pam_deny.so\n' > "$root/etc/pam.d/common-password"

cat "$(dirname "$0")/servers/$server.sh" > "$root/tmp/server.sh"
exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PORT="$port" \
  sh -eu /tmp/server.sh
