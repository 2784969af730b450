import sys

from k8s.doctor.cli import main

if __name__ == "__main__":
    sys.exit(main())
