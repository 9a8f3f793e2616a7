# A Maildir; names and passwords from /etc/passwd by way of PAM.
mkdir -p /home/alice/Maildir/cur /home/alice/Maildir/new /home/alice/Maildir/tmp /run/courier/authdaemon
cp /tmp/mail/*.eml /home/alice/Maildir/cur/
chown -R 4000:4000 /home/alice
sed -i 's/^authmodulelist=.*/authmodulelist="authpam"/' /etc/courier/authdaemonrc
chmod -R 755 /run/courier
ldconfig
/usr/lib/courier/courier-authlib/authdaemond &
port=$PORT
set -a
. /etc/courier/pop3d
POP3AUTH="PLAIN LOGIN"
POP3_STARTTLS=YES
COURIERTLS=/usr/bin/couriertls
TLS_CERTFILE=/tmp/mail/tls.pem
TLS_VERIFYPEER=NONE
POP3AUTH_TLS="PLAIN LOGIN"
set +a
touch /tmp/mail/ready
exec couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup -noidentlookup "$port" \
  /usr/lib/courier/courier/courierpop3login /usr/lib/courier/courier/courierpop3d Maildir
