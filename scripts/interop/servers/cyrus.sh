# Its own mailbox, filled through LMTP; passwords in sasldb, which SCRAM needs.
ldconfig
mkdir -p /run/cyrus/socket /run/cyrus/proc /run/cyrus/lock /var/spool/cyrus/mail
for folder in config db log msg proc ptclient socket sync user quota; do mkdir -p /var/lib/cyrus/$folder; done
cat > /etc/cyrus.conf <<END
START {
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -r"
}
SERVICES {
  pop3 cmd="/usr/lib/cyrus/bin/pop3d -U 30" listen="127.0.0.1:$PORT" prefork=0 maxchild=50
  lmtpunix cmd="/usr/lib/cyrus/bin/lmtpd" listen="/run/cyrus/socket/lmtp" prefork=0 maxchild=20
}
EVENTS {
}
END
sed -i 's/^popminpoll.*/popminpoll: 0/' /etc/imapd.conf
cat >> /etc/imapd.conf <<END
autocreate_post: yes
duplicatesuppression: no
sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256
tls_server_cert: /tmp/mail/tls.pem
tls_server_key: /tmp/mail/tls.pem
END
chown -R cyrus /var/lib/cyrus /var/spool/cyrus /run/cyrus
echo secret | saslpasswd2 -p -c -u "$(hostname)" alice
chown cyrus /etc/sasldb2
/usr/sbin/cyrmaster -C /etc/imapd.conf -M /etc/cyrus.conf -L /tmp/master.log &
until [ -S /run/cyrus/socket/lmtp ]; do sleep 0.1; done
# It refuses some of them: test-interop.mjs knows which.
for mail in /tmp/mail/*.eml; do /usr/lib/cyrus/bin/deliver -r joe@example.org alice < "$mail" || true; done
touch /tmp/mail/ready
wait
