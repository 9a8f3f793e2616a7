/* The raw limit: a bare socket, everything sent in one go, replies counted and thrown away.
 * raw PORT USER PASSWORD fetch COUNT   LIST, RETR of 1 to COUNT, QUIT
 * raw PORT USER PASSWORD headers COUNT LIST, TOP 1 0 to TOP COUNT 0, QUIT
 * raw PORT USER PASSWORD listings      STAT, UIDL, LIST, QUIT
 * prints milliseconds and octets. Nothing that speaks POP3 to that server can be faster. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define INPUT (1 << 18)

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

/* One reply of the login; the server says nothing more before the next command. */
static void expect_ok(int fd) {
  char c, first = 0;
  for (int n = 0; read(fd, &c, 1) == 1 && c != '\n'; n++)
    if (n == 0) first = c;
  if (first != '+') {
    fprintf(stderr, "login refused\n");
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  int count = argc > 5 ? atoi(argv[5]) : 0, one = 1;
  double start = now();
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1]))};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
    perror("connect");
    return 1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  expect_ok(fd);
  dprintf(fd, "USER %s\r\n", argv[2]);
  expect_ok(fd);
  dprintf(fd, "PASS %s\r\n", argv[3]);
  expect_ok(fd);

  char *out = malloc(64 + 24 * (size_t)count), *in = malloc(INPUT);
  size_t length = sprintf(out, strcmp(argv[4], "listings") == 0 ? "STAT\r\nUIDL\r\nLIST\r\n" : "LIST\r\n"), sent = 0;
  const char *command = strcmp(argv[4], "headers") == 0 ? "TOP %d 0\r\n" : "RETR %d\r\n";
  for (int i = 1; i <= count; i++) length += sprintf(out + length, command, i);
  length += sprintf(out + length, "QUIT\r\n");

  fcntl(fd, F_SETFL, O_NONBLOCK);
  long long octets = 0;
  for (;;) {
    struct pollfd p = {.fd = fd, .events = POLLIN | (sent < length ? POLLOUT : 0)};
    poll(&p, 1, -1);
    if (p.revents & POLLOUT) {
      ssize_t n = write(fd, out + sent, length - sent);
      if (n > 0) sent += n;
    }
    if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
      ssize_t n = read(fd, in, INPUT);
      if (n == 0 || (n < 0 && errno != EAGAIN)) break;
      if (n > 0) octets += n;
    }
  }
  printf("%.1f %lld\n", now() - start, octets);
  return 0;
}
