# One mbox. It could listen by itself, but --inetd needs no configuration file.
cp /tmp/mail/mbox /var/mail/alice
chown 4000:8 /var/mail/alice
chmod 660 /var/mail/alice
ldconfig
touch /tmp/mail/ready
exec socat "TCP-LISTEN:$PORT,bind=127.0.0.1,reuseaddr,fork" EXEC:"/usr/sbin/pop3d --inetd",nofork
