# One mbox. The server is made for inetd; socat does that part.
cp /tmp/mail/mbox /var/mail/alice
chown 4000:8 /var/mail/alice
chmod 660 /var/mail/alice
touch /tmp/mail/ready
exec socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" EXEC:/usr/sbin/solid-pop3d,nofork
