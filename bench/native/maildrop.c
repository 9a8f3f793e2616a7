/* A POP3 server for maildrops too large for a real one: nothing is stored, everything follows from the message.
 * It listens on a free port of 127.0.0.1, prints it, and ends with its standard input. The user names the maildrop:
 *   plain-N     messages 1 to N, message number n is message n
 *   shuffled-N  the same ones in an order that has nothing to do with any other N
 *   paced-N     like plain-N, but 15 MB a second: what Dovecot makes of its listings
 *   timed-K-MS  message K alone, MS milliseconds after the time (ms since 1970) that stands in the file that it was called
 *               with ("timed FILE"); until then, and without the file, nothing
 * Message k has the number r = 48271 k mod (2^31 - 1); its unique-id is r and k in hexadecimal, its octets
 * 1500 + r mod 5000. Whoever fills a ledger can compute the same.
 * Called with "pieces" it answers like popa3d and solid-pop3d: no PIPELINING, and each reply with content in small writes
 * that Nagle's algorithm holds back until the first of them is acknowledged. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT (1 << 18)
#define LINE 1024
/* Prime, so that its multiples meet every message once unless N is a multiple of it. */
#define STRIDE 7368787LL

#define PACED_OCTETS_PER_SECOND 15e6

static int fd, shuffled, paced, pieces;
static long count, only;
static const char *clock_file;
static char out[OUTPUT + LINE];
static size_t filled;

static void flush(void) {
  for (size_t sent = 0; sent < filled;) {
    ssize_t n = write(fd, out + sent, filled - sent);
    if (n <= 0) _exit(0);
    sent += n;
  }
  if (paced) usleep(filled / PACED_OCTETS_PER_SECOND * 1e6);
  filled = 0;
}

static void put(const char *text, size_t length) {
  memcpy(out + filled, text, length);
  filled += length;
  if (filled >= OUTPUT) flush();
}

static void say(const char *text) { put(text, strlen(text)); }

static void put_number(long value, char end) {
  char digits[24];
  int at = sizeof digits;
  do digits[--at] = '0' + value % 10;
  while ((value /= 10) > 0);
  put(digits + at, sizeof digits - at);
  put(&end, 1);
}

static long message_of(long number) { return only ? only : shuffled ? 1 + number * STRIDE % count : number; }
static long mixed(long k) { return k * 48271L % 2147483647L; }
static long octets(long k) { return 1500 + mixed(k) % 5000; }

static int has_come(long after) {
  FILE *file = clock_file == NULL ? NULL : fopen(clock_file, "r");
  if (file == NULL) return 0;
  long start = 0;
  int found = fscanf(file, "%ld", &start);
  fclose(file);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return found == 1 && now.tv_sec * 1000 + now.tv_nsec / 1000000 >= start + after;
}

static void put_id(long k) {
  static const char hex[] = "0123456789abcdef";
  char id[16];
  long r = mixed(k);
  for (int n = 7; n >= 0; n--, r >>= 4, k >>= 4) {
    id[n] = hex[r & 15];
    id[n + 8] = hex[k & 15];
  }
  put(id, sizeof id);
}

static void put_message(long k, int with_body) {
  char header[LINE];
  int length = sprintf(header,
                       "Received: from relay.example.net by mx.example.org; Mon, 1 Jan 2024 00:00:00 +0000\r\n"
                       "Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nFrom: Ada <ada@example.org>\r\n"
                       "To: alice@example.org\r\nMessage-ID: <%ld.%ld@example.org>\r\nSubject: message %ld\r\n\r\n",
                       mixed(k), k, k);
  put(header, length);
  if (!with_body) return;
  static const char text[] = "The quick brown fox jumps over the lazy dog, again and again, and once more.";
  long left = octets(k) - length;
  while (left > 0) {
    long line = left < 160 ? left : 78;
    if (line > 78) line = left / 2;
    put(text, line - 2);
    put("\r\n", 2);
    left -= line;
  }
}

static void answer(char *line) {
  char *argument = strchr(line, ' ');
  long number = argument == NULL ? 0 : atol(argument + 1);
  int is_listing = strncasecmp(line, "LIST", 4) == 0, is_uidl = strncasecmp(line, "UIDL", 4) == 0;
  if (strncasecmp(line, "USER ", 5) == 0) {
    shuffled = strncmp(line + 5, "shuffled-", 9) == 0;
    paced = strncasecmp(line + 5, "paced-", 6) == 0;
    char *dash = strchr(line, '-');
    count = dash == NULL ? 0 : atol(dash + 1);
    if (strncasecmp(line + 5, "timed-", 6) == 0 && (dash = strchr(dash + 1, '-')) != NULL) {
      only = count;
      count = has_come(atol(dash + 1));
    }
    say("+OK\r\n");
  } else if (strncasecmp(line, "CAPA", 4) == 0) {
    say("+OK\r\nTOP\r\nUIDL\r\nUSER\r\n");
    if (!pieces) say("PIPELINING\r\n");
    say(".\r\n");
  } else if (strncasecmp(line, "STAT", 4) == 0) {
    say("+OK ");
    put_number(count, ' ');
    put_number(count * 4000, '\r');
    say("\n");
  } else if ((is_listing || is_uidl) && argument == NULL) {
    say("+OK\r\n");
    for (long n = 1; n <= count; n++) {
      put_number(n, ' ');
      if (is_uidl) put_id(message_of(n));
      else put_number(octets(message_of(n)), '\r');
      if (is_uidl) put("\r\n", 2);
      else put("\n", 1);
    }
    say(".\r\n");
  } else if (is_listing || is_uidl || strncasecmp(line, "RETR ", 5) == 0 || strncasecmp(line, "TOP ", 4) == 0) {
    if (number < 1 || number > count) {
      say("-ERR no such message\r\n");
    } else if (is_listing || is_uidl) {
      say("+OK ");
      put_number(number, ' ');
      if (is_uidl) put_id(message_of(number)), put("\r\n", 2);
      else put_number(octets(message_of(number)), '\r'), put("\n", 1);
    } else {
      say("+OK\r\n");
      if (pieces) flush();
      put_message(message_of(number), strncasecmp(line, "RETR ", 5) == 0);
      if (pieces) flush();
      say(".\r\n");
      if (pieces) flush();
    }
  } else if (strncasecmp(line, "QUIT", 4) == 0) {
    say("+OK\r\n");
    flush();
    _exit(0);
  } else if (strncasecmp(line, "PASS", 4) == 0 || strncasecmp(line, "NOOP", 4) == 0) {
    say("+OK\r\n");
  } else {
    say("-ERR unknown\r\n");
  }
}

static void serve(void) {
  static char in[1 << 16];
  size_t held = 0;
  say("+OK ready\r\n");
  flush();
  for (;;) {
    ssize_t n = read(fd, in + held, sizeof in - 1 - held);
    if (n <= 0) return;
    held += n;
    in[held] = 0;
    char *at = in, *end;
    while ((end = strchr(at, '\n')) != NULL) {
      *end = 0;
      if (end > at && end[-1] == '\r') end[-1] = 0;
      answer(at);
      at = end + 1;
    }
    held -= at - in;
    memmove(in, at, held);
    if (held == sizeof in - 1) return;
    flush();
  }
}

int main(int argc, char **argv) {
  pieces = argc > 1 && strcmp(argv[1], "pieces") == 0;
  if (argc > 2 && strcmp(argv[1], "timed") == 0) clock_file = argv[2];
  int at_once = !pieces, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  signal(SIGCHLD, SIG_IGN);
  pid_t acceptor = fork();
  if (acceptor == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
      if (fork() == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
        serve();
        _exit(0);
      }
      close(fd);
    }
    _exit(1);
  }
  char c;
  while (read(0, &c, 1) > 0) {
  }
  kill(acceptor, SIGKILL);
  return 0;
}
