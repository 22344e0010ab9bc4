/* The ring that oche talk is compared with: each rank sends the file FOLDER/RANK to the next one by
   MPI_Sendrecv and writes what it gets to FOLDER/mpi.RANK. All files are of the same size. */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  int ranks = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &ranks);
  const int size = atoi(argv[2]);
  char* sent = malloc(size);
  char* got = malloc(size);
  char path[4096];
  snprintf(path, sizeof path, "%s/%d", argv[1], rank);
  FILE* in = fopen(path, "rb");
  if (in == NULL || fread(sent, 1, size, in) != (size_t)size) MPI_Abort(MPI_COMM_WORLD, 1);
  fclose(in);
  MPI_Sendrecv(sent, size, MPI_BYTE, (rank + 1) % ranks, 0, got, size, MPI_BYTE,
               (rank + ranks - 1) % ranks, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  snprintf(path, sizeof path, "%s/mpi.%d", argv[1], rank);
  FILE* out = fopen(path, "wb");
  if (out == NULL || fwrite(got, 1, size, out) != (size_t)size || fclose(out) != 0) {
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  MPI_Finalize();
  return 0;
}
