/* Passes octets on after a delay in each direction, as many as come: a long wire, not a thin one, and one that takes
 * next to no processor time from those whom it joins.
 * relay PORT DELAY-MS prints the port that it listens on, on 127.0.0.1, and ends with its standard input. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { PAIRS = 8, PIECE = 1 << 18, ROOM = 1 << 26 };

struct piece {
  struct piece *next;
  double due;
  size_t length, sent;
  char octets[];
};

/* One direction; a piece of length 0 is the end. */
struct wire {
  int from, to, ended;
  size_t held;
  struct piece *first, *last;
};

static struct wire wires[2 * PAIRS];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int prepared(int fd) {
  int one = 1;
  fcntl(fd, F_SETFL, O_NONBLOCK);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

static void take(struct wire *w, double delay) {
  struct piece *p = malloc(sizeof *p + PIECE);
  ssize_t n = read(w->from, p->octets, PIECE);
  if (n < 0 && errno == EAGAIN) {
    free(p);
    return;
  }
  *p = (struct piece){.due = now() + delay, .length = n < 0 ? 0 : n};
  p = realloc(p, sizeof *p + p->length);
  w->ended = n <= 0;
  w->held += p->length;
  if (w->first == NULL) w->first = p;
  else w->last->next = p;
  w->last = p;
}

static void give(struct wire *w) {
  while (w->first != NULL && w->first->due <= now()) {
    struct piece *p = w->first;
    if (p->length == 0) shutdown(w->to, SHUT_WR);
    ssize_t n = write(w->to, p->octets + p->sent, p->length - p->sent);
    if (n < 0 && errno == EAGAIN) return;
    p->sent = n < 0 ? p->length : p->sent + n;
    if (p->sent < p->length) return;
    w->held -= p->length;
    w->first = p->next;
    free(p);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  signal(SIGPIPE, SIG_IGN);
  double delay = atof(argv[2]);
  int pairs = 0, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in at = loopback(0), to = loopback(atoi(argv[1]));
  socklen_t size = sizeof at;
  if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 8) != 0) return 1;
  getsockname(listener, (struct sockaddr *)&at, &size);
  printf("%d\n", ntohs(at.sin_port));
  fflush(stdout);
  for (;;) {
    struct pollfd p[2 + 4 * PAIRS] = {{.fd = 0, .events = POLLIN}, {.fd = listener, .events = POLLIN}};
    double next = now() + 1000;
    for (int i = 0; i < 2 * pairs; i++) {
      struct wire *w = &wires[i];
      int due = w->first != NULL && w->first->due <= now();
      if (w->first != NULL && !due && w->first->due < next) next = w->first->due;
      p[2 + 2 * i] = (struct pollfd){.fd = w->ended || w->held > ROOM ? -1 : w->from, .events = POLLIN};
      p[3 + 2 * i] = (struct pollfd){.fd = due ? w->to : -1, .events = POLLOUT};
    }
    double wait = next - now();
    struct timespec timeout = {.tv_sec = 0, .tv_nsec = wait <= 0 ? 0 : wait >= 1000 ? 999999999 : wait * 1e6};
    ppoll(p, 2 + 4 * pairs, &timeout, NULL);
    if (p[0].revents != 0) return 0;
    if (p[1].revents != 0) {
      int near = accept(listener, NULL, NULL), far = socket(AF_INET, SOCK_STREAM, 0), free_pair = 0;
      while (free_pair < pairs && !(wires[2 * free_pair].first == NULL && wires[2 * free_pair].ended &&
                                    wires[2 * free_pair + 1].first == NULL && wires[2 * free_pair + 1].ended))
        free_pair++;
      if (free_pair == PAIRS || connect(far, (struct sockaddr *)&to, sizeof to) != 0) return 1;
      if (free_pair < pairs) {
        close(wires[2 * free_pair].from);
        close(wires[2 * free_pair].to);
      } else {
        pairs++;
      }
      wires[2 * free_pair] = (struct wire){.from = prepared(near), .to = prepared(far)};
      wires[2 * free_pair + 1] = (struct wire){.from = far, .to = near};
      continue;
    }
    for (int i = 0; i < 2 * pairs; i++) {
      if (p[2 + 2 * i].fd >= 0 && p[2 + 2 * i].revents != 0) take(&wires[i], delay);
      give(&wires[i]);
    }
  }
}
