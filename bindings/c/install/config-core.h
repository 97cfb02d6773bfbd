/* The flavour of the library beside this header: `core`, with detection, alignment, embedding and comparison alone. */
#ifndef FACENET_CONFIG_H
#define FACENET_CONFIG_H

#define FACENET_CORE_ONLY 1

#endif
