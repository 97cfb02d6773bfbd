/* The flavour of the library beside this header. This file is that of the flavour `full`, which has every function. */
#ifndef FACENET_CONFIG_H
#define FACENET_CONFIG_H

#define FACENET_FULL 1

#endif
